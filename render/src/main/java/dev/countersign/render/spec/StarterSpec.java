package dev.countersign.render.spec;

import dev.countersign.common.kubernetes.KubernetesReleases;
import dev.countersign.render.template.Template;

/** A commented spec to start from. */
public final class StarterSpec {
  private StarterSpec() {}

  /** YAML that {@link ClusterSpec#parse} takes as it is. */
  public static String text() {
    return Template.resource(StarterSpec.class, "starter.yaml")
        .with("kubernetesVersion", KubernetesReleases.supported().byDefault().toString())
        .render();
  }
}
