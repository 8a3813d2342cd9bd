module claudepool

go 1.26
