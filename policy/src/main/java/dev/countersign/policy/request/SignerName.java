package dev.countersign.policy.request;

import java.util.Objects;

/**
 * The name of a certificate signer, as in {@code spec.signerName}.
 *
 * @param text for example {@code kubernetes.io/kubelet-serving}
 */
public record SignerName(String text) {
  /** The signer of kubelets' serving certificates. */
  public static final SignerName KUBELET_SERVING = new SignerName("kubernetes.io/kubelet-serving");

  /** The signer of kubelets' client certificates. */
  public static final SignerName KUBELET_CLIENT =
      new SignerName("kubernetes.io/kube-apiserver-client-kubelet");

  public SignerName {
    Objects.requireNonNull(text, "text");
  }

  @Override
  public String toString() {
    return text;
  }
}
