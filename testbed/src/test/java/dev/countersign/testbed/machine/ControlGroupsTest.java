package dev.countersign.testbed.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.countersign.testbed.machine.ControlGroups.Hierarchy;
import dev.countersign.testbed.machine.ControlGroups.Version;
import dev.countersign.testkit.RequiresRoot;
import dev.countersign.testkit.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Control groups of both versions, as /proc/self/mountinfo tells of them. */
final class ControlGroupsTest {
  private static final String BOTH =
      """
      30 24 0:26 / /proc rw,relatime - proc proc rw
      33 24 0:29 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      34 33 0:30 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
      35 33 0:31 / /sys/fs/cgroup/net rw,relatime shared:9 - cgroup cgroup rw,net_cls,net_prio
      36 33 0:32 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
      37 33 0:33 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
      """;

  private static final String UNIFIED =
      """
      30 24 0:26 / /proc rw,relatime - proc proc rw
      33 24 0:29 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot
      """;

  @Test
  void versionOne_isEveryHierarchyWithItsControllers_besideOneOfVersionTwo() {
    ControlGroups groups = ControlGroups.parse(BOTH);
    assertThat(groups.hierarchies())
        .containsExactly(
            new Hierarchy(Path.of("/sys/fs/cgroup/cpu"), Version.ONE, "cpu"),
            new Hierarchy(Path.of("/sys/fs/cgroup/net"), Version.ONE, "net_cls,net_prio"),
            new Hierarchy(Path.of("/sys/fs/cgroup/systemd"), Version.ONE, "none,name=systemd"),
            new Hierarchy(Path.of("/sys/fs/cgroup/unified"), Version.TWO, ""));
    assertThat(groups.version()).isEqualTo(Version.ONE);
    assertThat(groups.mount())
        .contains("mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup\n")
        .contains("mount -t cgroup -o cpu cgroup '/sys/fs/cgroup/cpu'\n")
        .contains("mount -t cgroup -o none,name=systemd cgroup '/sys/fs/cgroup/systemd'\n")
        .contains("mount -t cgroup2 cgroup '/sys/fs/cgroup/unified'\n")
        .doesNotContain("subtree_control");
  }

  @Test
  void versionTwo_isOneHierarchy_whoseProcessesMakeRoomForControllers() {
    ControlGroups groups = ControlGroups.parse(UNIFIED);
    assertThat(groups.hierarchies())
        .containsExactly(new Hierarchy(Path.of("/sys/fs/cgroup"), Version.TWO, ""));
    assertThat(groups.version()).isEqualTo(Version.TWO);
    assertThat(groups.groups("m")).containsExactly(Path.of("/sys/fs/cgroup/m"));
    assertThat(groups.enter("m"))
        .containsSubsequence(
            "echo $$ > '/sys/fs/cgroup/m/cgroup.procs'\n",
            "unshare --cgroup",
            "' sh '/sys/fs/cgroup/m/init.scope' \"$@\"");
    assertThat(groups.mount())
        .contains("mount -t cgroup2 cgroup2 /sys/fs/cgroup\n")
        .contains("> /sys/fs/cgroup/cgroup.subtree_control")
        .doesNotContain("-t tmpfs");
  }

  @Test
  void hostWithoutAny_hasNone() {
    assertThat(ControlGroups.parse("30 24 0:26 / /proc rw,relatime - proc proc rw\n").hierarchies())
        .isEmpty();
  }

  /**
   * The kernel has one hierarchy of version 2, and a new mount of it at /sys/fs/cgroup is what a
   * host of version 2 has there, but for the controllers that version 1 holds here.
   */
  @Test
  @RequiresRoot
  @RequiresTool({"unshare", "mount"})
  void versionTwo_inNamespaces_looksLikeTheWholeAndIsLeftEmpty() throws Exception {
    Optional<Hierarchy> unified =
        ControlGroups.ofHost().hierarchies().stream()
            .filter(each -> each.version() == Version.TWO)
            .findFirst();
    assumeThat(unified).as("a hierarchy of version 2 on this host").isPresent();
    ControlGroups two = ControlGroups.parse(UNIFIED);
    String name = "countersign-test-" + ProcessHandle.current().pid();
    Path group = unified.orElseThrow().mount().resolve(name);
    // The mount at /sys/fs/cgroup is of this test's own mount namespace.
    List<String> outside =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup\n" + two.enter(name),
            "sh",
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--mount-proc",
            "sh",
            "-ec",
            two.mount()
                + """
                mkdir /sys/fs/cgroup/pod
                echo at the root: $(wc -l < /sys/fs/cgroup/cgroup.procs)
                sed -n 's/^0:://p' /proc/self/cgroup
                """);
    Files.createDirectory(group);
    try {
      assertThat(new HostCommand(outside, Map.of()).require().lines())
          .containsExactly("at the root: 0", "/init.scope");
      assertThat(group.resolve("pod")).isDirectory();
    } finally {
      HostCleanup.load().remove(List.of(group));
    }
    assertThat(Files.exists(group)).isFalse();
  }

  @Test
  @RequiresRoot
  @RequiresTool("find")
  void leftBehind_killsWhatRunsInAGroup_andRemovesTheGroupAndTheDirectory(@TempDir Path directory)
      throws Exception {
    ControlGroups host = ControlGroups.ofHost();
    assumeThat(host.hierarchies()).as("control groups on this host").isNotEmpty();
    String name = "countersign-test-left-" + ProcessHandle.current().pid();
    host.create(name);
    assertThat(host.isEmpty(name)).isTrue();
    Process sleeper =
        new ProcessBuilder(
                "sh", "-ec", host.enter(name), "sh", "sh", "-c", "echo in; exec sleep 600")
            .start();
    try {
      assertThat(sleeper.getInputStream().read()).isEqualTo('i');
      assertThat(host.isEmpty(name)).isFalse();
      assertThat(host.names("countersign-test-left-")).contains(name);
      Path gone = Files.createDirectories(directory.resolve("gone/below"));
      HostCleanup.load().remove(directory.resolve("gone"), host.groups(name));
      assertThat(sleeper.waitFor()).isEqualTo(128 + 9);
      assertThat(host.groups(name)).noneMatch(Files::exists);
      assertThat(gone).doesNotExist();
      assertThat(directory).exists();
    } finally {
      sleeper.destroyForcibly();
    }
  }
}
