// Checks an Elastic package against its specification: package-lint FOLDER.
package main

import (
	"fmt"
	"os"

	"github.com/elastic/package-spec/v3/code/go/pkg/validator"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: package-lint FOLDER")
		os.Exit(2)
	}
	if err := validator.ValidateFromPath(os.Args[1]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
