"""Private links between clouds and sites: the cloud modules declare what ``settings`` describes."""
