package dev.countersign.cluster.connect;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Explains to an operator why a call to the API server did not succeed. */
public final class ApiFailure {
  private static final String NO_KUBERNETES =
      "got no Kubernetes API there (%s); want one; correct server: in the kubeconfig, or choose"
          + " another --context";

  private ApiFailure() {}

  /** What was got and wanted, and what to do next. */
  public static String explain(KubernetesClientException e) {
    return switch (e.getCode()) {
      case 0, -1 -> silence(e);
      case 401 ->
          "got 401 Unauthorized; want credentials it accepts; check the kubeconfig's user and its"
              + " expiry";
      case 403 ->
          "got 403 Forbidden (%s); want the permission; kubectl auth can-i --list shows what you have"
              .formatted(statusMessage(e));
      case 409 ->
          "got 409 Conflict (%s); want nothing to change meanwhile; try again"
              .formatted(statusMessage(e));
      default ->
          isOfKubernetes(e)
              ? "got %d (%s)".formatted(e.getCode(), statusMessage(e))
              : NO_KUBERNETES.formatted("status " + e.getCode());
    };
  }

  /** Whether the answer was an object of Kubernetes; the client makes one up where it was none. */
  private static boolean isOfKubernetes(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getStatus() != null;
  }

  private static String silence(KubernetesClientException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnresolvedAddressException _, UnknownHostException _ -> {
          return "got no such host name; want one that this machine can look up; correct server: in"
              + " the kubeconfig, or /etc/hosts";
        }
        case JsonProcessingException _ -> {
          return NO_KUBERNETES.formatted("an answer that is no JSON");
        }
        case CertPathBuilderException _, CertPathValidatorException _ -> {
          return "got a certificate that the kubeconfig does not vouch for; want one of its"
              + " certificate-authority; give the authority of this server there";
        }
        case HttpTimeoutException _, TimeoutException _, SocketTimeoutException _ -> {
          return "got no answer in time; want one; look whether it is up and a firewall lets you"
              + " through, or raise --request-timeout";
        }
        default -> {}
      }
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      // what else is wrong has these around it, so they are looked for last
      switch (cause) {
        case ConnectException _ -> {
          return "got connection refused; want one that is accepted; look whether the API server is"
              + " up, and whether server: in the kubeconfig is its address";
        }
        case SSLException ssl when isPlainText(ssl) -> {
          return "got an answer that is not TLS; want https; look whether that is the API server's"
              + " port";
        }
        case SSLException ssl -> {
          return "got TLS trouble (%s); want a connection; check certificate-authority and server"
                  .formatted(ssl.getMessage())
              + " in the kubeconfig";
        }
        default -> {}
      }
    }
    return "got no answer (%s); want one; check the server in the kubeconfig"
        .formatted(rootMessage(e));
  }

  private static boolean isPlainText(SSLException e) {
    return String.valueOf(e.getMessage()).contains("SSL message");
  }

  private static String statusMessage(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null ? root.getClass().getSimpleName() : message;
  }
}
