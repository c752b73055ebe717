"""The pacing referee: simulated campaign days that judge any pacing policy. README.md is its contract.

It knows nothing of the product. All times and durations are in seconds unless a name says otherwise;
all that is called a rate, share or limit is a fraction.
"""
