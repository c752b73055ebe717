"""What is worth a supervisor's eye: raised, repeated, acknowledged, shelved, and over again by itself."""
