module strata.dev/tools/pause

go 1.26
