module github.com/gomlx/go-xla/installer

go 1.26.8
