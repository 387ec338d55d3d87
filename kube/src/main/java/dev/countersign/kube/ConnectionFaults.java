package dev.countersign.kube;

import com.fasterxml.jackson.core.JacksonException;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.countersign.kube.http.ServerEndpoint;
import java.io.IOException;
import java.net.ConnectException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** Says in plain words why there was no response from a server, and what to look at. */
final class ConnectionFaults {
  private final ServerEndpoint endpoint;

  ConnectionFaults(ServerEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  String explain(IOException e) {
    return switch (e) {
      case JacksonException json ->
          "the answer is no JSON that we can read: " + json.getOriginalMessage();
      case InvalidProtocolBufferException protobuf ->
          "the answer is no protobuf that we can read: " + protobuf.getMessage();
      case ConnectException refused ->
          "nothing answers (" + refused.getMessage() + "); check that it runs there";
      case SSLHandshakeException handshake -> explain(handshake);
      default -> {
        String message = e.getMessage();
        yield message == null ? e.getClass().getSimpleName() : message;
      }
    };
  }

  private String explain(SSLHandshakeException e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateExpiredException
          || cause instanceof CertificateNotYetValidException) {
        return "the server's certificate is not valid now ("
            + cause.getMessage()
            + "); check this machine's clock, or renew that certificate";
      }
      if (cause instanceof CertPathBuilderException) {
        return "the server's certificate is not signed by the certificate authority given;"
            + " check certificate-authority in the kubeconfig, and that this is the right server";
      }
    }
    String message = String.valueOf(e.getMessage());
    if (message.contains("No subject alternative") || message.contains("No name matching")) {
      return "the server's certificate is not for "
          + endpoint.certificateName()
          + "; use a name that it is for, or set tls-server-name in the kubeconfig";
    }
    if (message.contains("bad_certificate") || message.contains("certificate_")) {
      return "the server refused our client certificate (" + message + ")";
    }
    return "no TLS connection: " + message;
  }
}
