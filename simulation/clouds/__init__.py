"""The simulated clouds: one folder of tables and rules each, and what starts them as provider plugins."""
