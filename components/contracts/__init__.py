"""Types that all packages share; free of Pulumi and of side effects."""
