module clients/load

go 1.26.0
