"""Who works when: shifts with their planned breaks, so that no customer is called for somebody who leaves."""
