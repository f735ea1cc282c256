module example.com/othermodule

go 1.26.5

require evident v0.0.0

// The folder of your checkout; `go run -mod=mod .` adds what evident needs.
replace evident => ../../..
