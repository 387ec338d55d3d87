package dev.countersign.cli.demo.machine;

import dev.countersign.cli.demo.Scenario;
import dev.countersign.cli.terminal.Console;
import dev.countersign.testbed.binaries.KubernetesBinaries;
import dev.countersign.testbed.machine.MachineImages;
import java.nio.file.Path;

/**
 * What every machine's story needs.
 *
 * @param console for progress
 * @param story so far
 * @param findings of the whole demo
 * @param directory of this part
 * @param binaries of Kubernetes
 * @param images that were built here
 */
record StorySetting(
    Console console,
    Scenario story,
    Findings findings,
    Path directory,
    KubernetesBinaries binaries,
    MachineImages images) {}
