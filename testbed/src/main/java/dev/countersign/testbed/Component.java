package dev.countersign.testbed;

import dev.countersign.testbed.binaries.Program;

/** A part of the control plane that is a process of its own. */
public enum Component {
  ETCD(Program.ETCD),
  API_SERVER(Program.KUBE_APISERVER),
  CONTROLLER_MANAGER(Program.KUBE_CONTROLLER_MANAGER),
  SCHEDULER(Program.KUBE_SCHEDULER);

  private final Program program;

  Component(Program program) {
    this.program = program;
  }

  /** What it runs. */
  public Program program() {
    return program;
  }

  /** Its name, also that of its static manifest and of its log. */
  public String processName() {
    return program.fileName();
  }
}
