"""May we contact this person now, by this means?"""
