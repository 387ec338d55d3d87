package dev.countersign.cluster.approver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.cluster.approver.DeployedApprover.Source;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class DeployedApproverTest {
  private static DeployedApprover approver(String container) {
    Deployment deployment =
        Serialization.unmarshal(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: countersign-approver, namespace: countersign-system}
            spec:
              template:
                spec:
                  containers:
                  - name: proxy
                    image: example.com/proxy:1
                  - name: approver
                    image: example.com/approver:1
            %s
                  volumes:
                  - name: policy
                    configMap: {name: countersign-policy}
                  - name: named
                    configMap: {name: other, items: [{key: inv, path: sub/inventory.yaml}]}
                  - name: all
                    projected:
                      sources:
                      - secret: {name: hidden}
                      - configMap: {name: issuers}
                  - name: host
                    hostPath: {path: /srv}
            """
                .formatted(container.indent(6).stripTrailing()),
            Deployment.class);
    return DeployedApprover.of(deployment, deployment.getSpec().getTemplate().getSpec())
        .orElseThrow();
  }

  private static final DeployedApprover WHOLE =
      approver(
          """
            args: [approver, --policy=/etc/countersign/policy.yaml, --strict-join, --join-namespace, joins]
            volumeMounts:
            - {name: policy, mountPath: /etc/countersign}
            - {name: named, mountPath: /etc/countersign/inventory}
            - {name: all, mountPath: /etc/issuers}
            - {name: host, mountPath: /srv}
            - {name: policy, mountPath: /single/other-name.yaml, subPath: policy.yaml}
          """);

  @Test
  void options_areReadInBothForms() {
    assertThat(WHOLE.origin()).isEqualTo("Deployment countersign-system/countersign-approver");
    assertThat(WHOLE.option("--policy")).contains("/etc/countersign/policy.yaml");
    assertThat(WHOLE.option("--join-namespace")).contains("joins");
    assertThat(WHOLE.option("--attestation")).isEmpty();
    assertThat(WHOLE.has("--strict-join")).isTrue();
    assertThat(WHOLE.has("--leader-elect")).isFalse();
  }

  @Test
  void files_areTracedToTheirConfigMaps() {
    assertThat(WHOLE.source("/etc/countersign/policy.yaml"))
        .contains(new Source("countersign-policy", "policy.yaml"));
    assertThat(WHOLE.source("/etc/countersign/./policy.yaml"))
        .contains(new Source("countersign-policy", "policy.yaml"));
    assertThat(WHOLE.source("/etc/countersign/inventory/sub/inventory.yaml"))
        .contains(new Source("other", "inv"));
    assertThat(WHOLE.source("/etc/issuers/issuers.yaml"))
        .contains(new Source("issuers", "issuers.yaml"));
    assertThat(WHOLE.source("/single/other-name.yaml"))
        .contains(new Source("countersign-policy", "policy.yaml"));
  }

  @Test
  void filesOfOtherKinds_areOfNoConfigMap() {
    assertThat(WHOLE.source("/srv/policy.yaml")).isEmpty();
    assertThat(WHOLE.source("/etc/passwd")).isEmpty();
    assertThat(WHOLE.source("/etc/countersign/inventory/sub")).isEmpty();
    assertThat(WHOLE.source("/etc/countersign/deeper/policy.yaml")).isEmpty();
    assertThat(WHOLE.source("\0")).isEmpty();
  }
}
