"""Why was, or was not, this customer called at this time?"""
