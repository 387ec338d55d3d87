// Command butane prints the Ignition configuration that Butane and Ignition themselves make of a
// machine and its snippets: each is translated by Butane, then merged by Ignition's rules in the order
// given, as Typhoon's Terraform provider does it. dev/butane-goldens calls it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	withoutEmpty "github.com/clarketm/json"
	butane "github.com/coreos/butane/config"
	"github.com/coreos/butane/config/common"
	ignition "github.com/coreos/ignition/v2/config/v3_3"
	"github.com/coreos/ignition/v2/config/v3_3/types"
)

func read(file string) (types.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return types.Config{}, err
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		translated, report, err := butane.TranslateBytes(text, common.TranslateBytesOptions{})
		if err != nil || len(report.Entries) > 0 {
			return types.Config{}, fmt.Errorf("%s: %v %s", file, err, report.String())
		}
		text = translated
	}
	config, report, err := ignition.ParseCompatibleVersion(text)
	if err != nil || len(report.Entries) > 0 {
		return types.Config{}, fmt.Errorf("%s: %v %s", file, err, report.String())
	}
	return config, nil
}

func run(files []string) error {
	var merged types.Config
	for i, file := range files {
		config, err := read(file)
		if err != nil {
			return err
		}
		if i == 0 {
			merged = config
		} else {
			merged = ignition.Merge(merged, config)
		}
	}
	text, err := withoutEmpty.Marshal(merged)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Println(indented.String())
	return err
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: butane MACHINE [SNIPPET]...")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
