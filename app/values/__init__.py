"""Pure values that every slice speaks: money, phones, periods, typed ids and Vietnamese text.

Nothing here reads the time, draws chance or touches I/O; it imports the standard library only.
"""
