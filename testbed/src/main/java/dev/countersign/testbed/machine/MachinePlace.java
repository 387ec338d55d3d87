package dev.countersign.testbed.machine;

import dev.countersign.testbed.process.Supervisor;
import java.nio.file.Path;
import java.util.List;

/**
 * What a machine is given by its surroundings.
 *
 * @param name the host name
 * @param address its address, of the loopback device
 * @param hosts names that mean this address too, as a DNS would say
 * @param directory for what is too big for memory: container storage
 * @param logs directory for what its processes print
 * @param supervisor starts and ends its processes
 */
public record MachinePlace(
    String name,
    String address,
    List<String> hosts,
    Path directory,
    Path logs,
    Supervisor supervisor) {
  /** Copies. */
  public MachinePlace {
    hosts = List.copyOf(hosts);
  }

  public Path log(String process) {
    return logs.resolve(process + ".log");
  }
}
