package dev.countersign.cli.csr;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.countersign.cli.cluster.ClusterCommand;
import dev.countersign.cli.cluster.CompletedBy;
import dev.countersign.cli.cluster.CompletionKind;
import dev.countersign.cli.cluster.ConnectionOptions;
import dev.countersign.cli.cluster.PolicyInForce;
import dev.countersign.cli.cluster.PolicyOption;
import dev.countersign.cli.terminal.Console;
import dev.countersign.cli.terminal.Console.Style;
import dev.countersign.cli.terminal.Document;
import dev.countersign.cli.terminal.OutputFormat;
import dev.countersign.cli.terminal.WordWrap;
import dev.countersign.cluster.connect.ClusterAccess;
import dev.countersign.cluster.report.HtmlPage;
import dev.countersign.cluster.report.RequestPage;
import dev.countersign.common.Bytes;
import dev.countersign.common.ParseResult;
import dev.countersign.common.command.CliException;
import dev.countersign.common.command.ExitStatus;
import dev.countersign.common.file.UserFile;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.policy.explain.Explanation;
import dev.countersign.policy.explain.ExplanationText;
import dev.countersign.policy.file.ClusterObjects;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.policy.request.SignerName;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.KeyAlgorithm;
import dev.countersign.x509.request.NameAttribute;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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
      "Show every check of the policy on a request for a kubelet's serving or client certificate:"
          + " what it found, what failed first, the decision, and what would change it. NAME is a"
          + " request in the cluster; it is evaluated by the policy that is in force there. With"
          + " --file the request is read from a file (the object as YAML or JSON, or a bare PEM"
          + " request; - for standard input) and the facts from --facts files; no cluster is"
          + " contacted. Such files hold Kubernetes objects (Nodes, Services, ServiceCIDRs,"
          + " EndpointSlices, the approver's ConfigMaps, join records, Leases, a"
          + " SubjectAccessReview with its status), an Inventory, or a Resolution (names: {NAME:"
          + " [ADDRESS]}).",
      "In a cluster the facts that the policy asks for are looked up as the approver does it, from"
          + " here: DNS, webhooks and the certificate that the kubelet serves now as this machine"
          + " sees them; of files that the policy names, see --policy-files.",
      "Exits with status 3 if the decision is not to approve."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  countersign csr explain csr-8xk2p",
      "  countersign csr explain csr-8xk2p -o html > csr-8xk2p.html",
      "  countersign csr explain csr-8xk2p --failed-only",
      "  kubectl get nodes,services -A -o yaml > facts.yaml",
      "  countersign csr explain --file request.yaml --facts facts.yaml",
    })
public final class CsrExplain implements Callable<Integer> {
  private final Console console;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @CompletedBy(CompletionKind.REQUEST)
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
      description =
          "Kubernetes objects to judge by, with --file, as kubectl get -o json or -o yaml prints"
              + " them, also several after one another; - for standard input. May be repeated.")
  private List<Path> facts = new ArrayList<>();

  @Option(
      names = "--served",
      paramLabel = "[ADDRESS=]FILE",
      description =
          "With --file: the certificate that the kubelet serves now, in PEM as openssl s_client"
              + " prints it; an empty file where nothing answers. Its issuer is not verified.")
  private @Nullable String served;

  @Option(
      names = "--failed-only",
      description = "Show those checks only that keep the request from being approved.")
  private boolean failedOnly;

  @Mixin private PolicyOption policy = new PolicyOption();

  @Mixin private PolicyFilesOption policyFiles = new PolicyFilesOption();

  @Mixin private JoinFactOptions join = new JoinFactOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description =
          "table, json, yaml, or html: one page for a browser, which loads nothing from elsewhere."
              + " Default: ${DEFAULT-VALUE}.")
  private Format format = Format.TABLE;

  /** The values of {@code -o}. */
  private enum Format {
    TABLE,
    JSON,
    YAML,
    HTML;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  CsrExplain(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws CliException {
    Path from = file;
    String live = name;
    if ((live == null) == (from == null)) {
      throw CliException.usage(
          "csr explain: got " + (live == null ? "neither" : "both") + "; want NAME or --file");
    }
    if (live != null && served != null) {
      throw CliException.usage(
          "--served: got "
              + served
              + " with NAME; want it with --file only; of a live request the kubelet is asked");
    }
    if (live != null && !facts.isEmpty()) {
      throw CliException.usage(
          "--facts: got "
              + facts.getFirst()
              + " with NAME; want it with --file only; a live request"
              + " is evaluated with the facts of its cluster");
    }
    if (from != null && connection.namespace().isPresent()) {
      throw CliException.usage(
          "--namespace: got "
              + connection.namespace().get()
              + " with --file; want it with NAME only; no cluster is contacted");
    }
    if (from != null && policyFiles.isGiven()) {
      throw CliException.usage(
          "--policy-files: got it with --file; want it with NAME only; --facts takes an Inventory");
    }
    Explanation explanation = live != null ? online(live) : offline(Objects.requireNonNull(from));
    print(failedOnly ? explanation.failedOnly() : explanation);
    return (explanation.approves() ? ExitStatus.OK : ExitStatus.REFUSED).code();
  }

  private void print(Explanation explanation) {
    if (format == Format.HTML) {
      Instant now = InstantSource.system().instant();
      console.out().print(HtmlPage.of(RequestPage.of(explanation, now)));
      console.out().flush();
    } else {
      print(console, OutputFormat.valueOf(format.name()), explanation);
    }
  }

  static void print(Console console, OutputFormat format, Explanation explanation) {
    if (format == OutputFormat.TABLE) {
      int width = console.outTerminal() ? console.columns() : Integer.MAX_VALUE;
      for (ExplanationText.Line line : ExplanationText.lines(explanation)) {
        String label = line.label();
        for (String part : WordWrap.wrap(line.text(), Math.max(20, width - label.length()))) {
          console.out().println(styled(console, line.tone(), label + part));
          label = " ".repeat(label.length());
        }
      }
      console.out().flush();
    } else {
      Map<String, Object> document = Document.ofKind("Explanation");
      document.putAll(explanation.toDocument());
      Document.print(console, format, document);
    }
  }

  private static String styled(Console console, ExplanationText.Tone tone, String text) {
    return switch (tone) {
      case PLAIN -> text;
      case STRONG -> console.outStyled(Style.STRONG, text);
      case GOOD -> console.outStyled(Style.GOOD, text);
      case BAD -> console.outStyled(Style.BAD, text);
      case UNCERTAIN -> console.outStyled(Style.WARNING, text);
      case FAINT -> console.outStyled(Style.FAINT, text);
    };
  }

  private Explanation online(String request) throws CliException {
    try (ClusterAccess cluster = connection.open()) {
      return online(cluster, request);
    }
  }

  private Explanation online(ClusterAccess cluster, String request) throws CliException {
    try {
      LiveObjects.Judged judged =
          LiveObjects.request(cluster, connection.namespace(), request, console);
      judged.serverNames().tell(console);
      PolicyInForce inForce = policy.live(cluster, connection.namespace());
      try (CsrEvaluator judgement =
          CsrEvaluator.live(inForce, policyFiles, join, judged.objects(), cluster)) {
        Explanation explanation = judgement.only();
        judgement.tell(console);
        return explanation;
      }
    } catch (KubernetesClientException e) {
      throw ClusterCommand.failure(cluster, e);
    }
  }

  private Explanation offline(Path from) throws CliException {
    String text = UserFile.readOrStandardInput(from, "a request");
    List<String> texts = new ArrayList<>();
    CsrSpec csr;
    if (text.stripLeading().startsWith("-----BEGIN")) {
      csr = bare(text);
    } else {
      csr = single(LiveObjects.parse(List.of(text)));
      texts.add(text);
    }
    for (Path path : facts) {
      texts.add(UserFile.readOrStandardInput(path, "Kubernetes objects"));
    }
    if (served != null) {
      texts.add(servedCertificate(served));
    }
    ClusterObjects objects = LiveObjects.parse(texts);
    try (CsrEvaluator judgement = CsrEvaluator.offline(policy.offline(), join, objects)) {
      return judgement.explain(csr);
    }
  }

  /** As a document that {@code --facts} could hold, too. */
  private static String servedCertificate(String given) throws CliException {
    int equals = given.indexOf('=');
    Optional<IpAddress> address =
        equals < 0 ? Optional.empty() : IpAddress.parse(given.substring(0, equals));
    String file = address.isPresent() ? given.substring(equals + 1) : given;
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("kind", "ServedCertificate");
    address.ifPresent(found -> document.put("address", found.toString()));
    return document
        .put("certificate", UserFile.read("--served", Path.of(file), "a certificate in PEM"))
        .toString();
  }

  private CsrSpec single(ClusterObjects objects) throws CliException {
    if (objects.requests().size() != 1) {
      throw CliException.usage(
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
  private static CsrSpec bare(String pem) {
    String username = "";
    boolean rsa = false;
    if (CertificateRequest.parsePem(pem)
        instanceof ParseResult.Parsed<CertificateRequest>(CertificateRequest request)) {
      List<String> names = request.subject().values(NameAttribute.COMMON_NAME);
      username = names.isEmpty() ? "" : names.getFirst();
      rsa = request.key().algorithm() == KeyAlgorithm.RSA;
    }
    return new CsrSpec(
        username.startsWith(NodeName.USER_PREFIX) ? username : "request",
        "none",
        SignerName.KUBELET_SERVING,
        CsrSpec.Requestor.of(username, List.of("system:nodes", "system:authenticated")),
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
