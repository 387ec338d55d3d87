package dev.countersign.cli.csr;

import dev.countersign.cli.CommandFailure;
import dev.countersign.cli.ExitStatus;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.ConnectionOptions;
import dev.countersign.cli.cluster.LiveName;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.FormatOption;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.policy.decision.Decision;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.name.NodeName;
import dev.countersign.policy.request.CsrView;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.Bytes;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.KeyAlgorithm;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.RequestParse;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code csr explain}. */
@Command(
    name = "explain",
    description = {
      "Show every check of the policy on a request: what it found, the decision, what would change"
          + " it. NAME is a request in the cluster. With --file the request is read from a file"
          + " (the object as YAML or JSON, or a bare PEM request; - for standard input) and the"
          + " facts from --facts files; nothing is asked of a cluster. Such files hold Kubernetes"
          + " objects (Nodes, Services, ServiceCIDRs, EndpointSlices, the approver's ConfigMaps, a"
          + " SubjectAccessReview with its status), an Inventory, or a Resolution (names: {NAME:"
          + " [ADDRESS]}).",
      "In a cluster the facts that the policy asks for are looked up as the approver does it, from"
          + " here: inventories, DNS and the certificate that the kubelet serves now as this"
          + " machine sees them.",
      "Exit status 3 where the decision is not to approve."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign csr explain csr-8xk2p",
      "  kubectl get nodes,services -A -o yaml > facts.yaml",
      "  countersign csr explain --file request.yaml --facts facts.yaml",
    })
public final class CsrExplain implements Callable<Integer> {
  private final Console console;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @CompletedBy(LiveName.REQUEST)
  @Parameters(paramLabel = "NAME", arity = "0..1", description = "A request in the cluster.")
  private @Nullable String name;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Read the request from there instead; - for standard input.")
  private @Nullable Path file;

  @Option(
      names = "--facts",
      paramLabel = "FILE",
      description = "Kubernetes objects to judge by, with --file; may be repeated.")
  private List<Path> facts = new ArrayList<>();

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private FormatOption format = new FormatOption();

  CsrExplain(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CommandFailure {
    Path from = file;
    String live = name;
    if ((live == null) == (from == null)) {
      throw CommandFailure.usage(
          "csr explain: got " + (live == null ? "neither" : "both") + "; want NAME or --file");
    }
    if (live != null && !facts.isEmpty()) {
      throw CommandFailure.usage(
          "--facts: got "
              + facts.getFirst()
              + " with NAME; want it with --file only; a live request"
              + " is judged by the facts of its cluster");
    }
    Explanation explanation = live != null ? online(live) : offline(from);
    print(console, format.format(), explanation);
    return (explanation.decision() instanceof Decision.Approve ? ExitStatus.OK : ExitStatus.REFUSED)
        .code();
  }

  static void print(Console console, OutputFormat format, Explanation explanation) {
    if (format == OutputFormat.TABLE) {
      console.out().print(explanation.toText());
      console.out().flush();
    } else {
      Document.print(console, format, explanation.toDocument());
    }
  }

  private Explanation online(String request) throws CommandFailure {
    try (ClusterAccess cluster = connection.open()) {
      return online(cluster, request);
    }
  }

  private Explanation online(ClusterAccess cluster, String request) throws CommandFailure {
    try {
      LiveObjects.Judged judged =
          LiveObjects.request(cluster, connection.namespace(), request, console);
      judged.serverNames().tell(console);
      try (Judgement judgement = Judgement.live(policy.read(), judged.objects(), cluster)) {
        return judgement.only();
      }
    } catch (KubernetesClientException e) {
      throw ClusterCommand.failure(cluster, e);
    }
  }

  private Explanation offline(@Nullable Path from) throws CommandFailure {
    String text =
        from == null || from.toString().equals("-") ? standardInput() : Judgement.read(from);
    List<String> texts = new ArrayList<>();
    for (Path path : facts) {
      texts.add(Judgement.read(path));
    }
    ClusterObjects objects = LiveObjects.parse(texts);
    CsrView csr =
        text.stripLeading().startsWith("-----BEGIN")
            ? bare(text)
            : single(LiveObjects.parse(List.of(text)));
    try (Judgement judgement = Judgement.offline(policy.read(), objects)) {
      return judgement.explain(csr);
    }
  }

  private static String standardInput() throws CommandFailure {
    try {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandFailure(ExitStatus.INTERNAL, "standard input: " + e.getMessage(), e);
    }
  }

  private CsrView single(ClusterObjects objects) throws CommandFailure {
    if (objects.requests().size() != 1) {
      throw CommandFailure.usage(
          "--file: got "
              + (file == null ? "" : file + " with ")
              + objects.requests().size()
              + " CertificateSigningRequests; want one, or a PEM request");
    }
    return objects.requests().getFirst();
  }

  /**
   * A bare PEM request, as if the node that it names had sent it the way a kubelet does; all that
   * can be judged is what is in it.
   */
  private static CsrView bare(String pem) {
    String username = "";
    boolean rsa = false;
    if (CertificateRequest.parsePem(pem)
        instanceof RequestParse.Parsed(CertificateRequest request)) {
      List<String> names = request.subject().values(NameAttribute.COMMON_NAME);
      username = names.isEmpty() ? "" : names.getFirst();
      rsa = request.key().algorithm() == KeyAlgorithm.RSA;
    }
    return new CsrView(
        username.startsWith(NodeName.USER_PREFIX) ? username : "request",
        SignerName.KUBELET_SERVING,
        CsrView.Requestor.of(username, List.of("system:nodes", "system:authenticated")),
        rsa
            ? List.of("digital signature", "key encipherment", "server auth")
            : List.of("digital signature", "server auth"),
        Optional.empty(),
        Instant.EPOCH,
        Bytes.ofUtf8(pem),
        List.of(),
        false,
        false);
  }
}
