package dev.countersign.render.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.common.secret.SecretAccess;
import dev.countersign.common.secret.SecretText;
import org.junit.jupiter.api.Test;

/** The kubeconfig of a new token, as machines take it. */
class KubeconfigOnlyTest {
  private static final SecretAccess SEEN = SecretAccess.because("compared in a test");
  private static final KubeconfigOnly MACHINE =
      KubeconfigOnly.of(SecretText.of("kind: Config\ntoken: abc\n"));

  @Test
  void ignition_hasOneFile_andNoEmptySection() {
    assertThat(MACHINE.ignition().reveal(SEEN))
        .isEqualTo(
            """
            {"ignition":{"version":"3.3.0"},"storage":{"files":[{"overwrite":true,\
            "path":"/etc/kubernetes/kubeconfig","contents":{"compression":"",\
            "source":"data:,kind%3A%20Config%0Atoken%3A%20abc%0A"},"mode":384}]}}
            """);
  }

  @Test
  void butane_hasOneFile_andNoEmptySection() {
    assertThat(MACHINE.butane().reveal(SEEN))
        .isEqualTo(
            """
            variant: fcos
            version: 1.4.0
            storage:
              files:
                - path: /etc/kubernetes/kubeconfig
                  mode: 0600
                  overwrite: true
                  contents:
                    inline: |
                      kind: Config
                      token: abc
            """);
  }

  @Test
  void secret_isShownNowhere() {
    assertThat(String.valueOf(MACHINE.ignition()) + MACHINE.butane()).doesNotContain("abc");
  }
}
