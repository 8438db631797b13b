"""The stacks of the first run on a real account, and the parts of its page that the program computes."""
