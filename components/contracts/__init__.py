"""Types that pass between the rooms; free of Pulumi and of side effects."""
