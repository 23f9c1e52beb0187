module bare

go 1.24
