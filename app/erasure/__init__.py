"""A person who has the right to be forgotten: whatever tells who he was goes, sums and the trail stay."""
