module io.tagger/examples/watch

go 1.21
