package dev.countersign.policy.rule;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.countersign.common.ParseResult;
import dev.countersign.common.name.IpAddress;
import dev.countersign.policy.fact.NodeAddress;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.request.CsrSpec;
import dev.countersign.x509.request.CertificateRequest;
import dev.countersign.x509.request.NameAttribute;
import dev.countersign.x509.request.SubjectAltName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles rules. The only class that touches the CEL library, so that a policy without rules does
 * not pay for loading it.
 *
 * <p>Three variables, each with the fields below and no others; a rule that names another field
 * does not compile:
 *
 * <ul>
 *   <li>{@code request}: name, signer, username, groups, usages, expirationSeconds (0 where the
 *       request leaves it out)
 *   <li>{@code certificate}: commonName, organizations, dnsNames, ipAddresses (canonical text),
 *       keyAlgorithm (RSA, ECDSA, ED25519), keyBits, curve
 *   <li>{@code node}: name, uid, labels, conditions (type to status), addresses (each type and
 *       address), podRanges, ageSeconds (how much older than the request)
 * </ul>
 *
 * <p>Cost is the number of evaluated expressions, plus one for every ten characters or elements
 * that one yields.
 */
public final class Rules {
  private static final int LONGEST_EXPRESSION = 4096;

  private static final CelType TEXTS = ListType.create(SimpleType.STRING);
  private static final CelType TEXT_MAP = MapType.create(SimpleType.STRING, SimpleType.STRING);
  private static final StructType ADDRESS =
      struct(
          "countersign.Address",
          ImmutableMap.of("type", SimpleType.STRING, "address", SimpleType.STRING));
  private static final StructType REQUEST =
      struct(
          "countersign.Request",
          ImmutableMap.of(
              "name", SimpleType.STRING,
              "signer", SimpleType.STRING,
              "username", SimpleType.STRING,
              "groups", TEXTS,
              "usages", TEXTS,
              "expirationSeconds", SimpleType.INT));
  private static final StructType CERTIFICATE =
      struct(
          "countersign.Certificate",
          ImmutableMap.of(
              "commonName", SimpleType.STRING,
              "organizations", TEXTS,
              "dnsNames", TEXTS,
              "ipAddresses", TEXTS,
              "keyAlgorithm", SimpleType.STRING,
              "keyBits", SimpleType.INT,
              "curve", SimpleType.STRING));
  private static final StructType NODE =
      struct(
          "countersign.Node",
          ImmutableMap.of(
              "name",
              SimpleType.STRING,
              "uid",
              SimpleType.STRING,
              "labels",
              TEXT_MAP,
              "conditions",
              TEXT_MAP,
              "addresses",
              ListType.create(ADDRESS),
              "podRanges",
              TEXTS,
              "ageSeconds",
              SimpleType.INT));

  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(LONGEST_EXPRESSION)
          .maxParseRecursionDepth(50)
          .maxRegexProgramSize(500)
          .comprehensionMaxIterations(10_000)
          .build();
  private static final CelCompiler COMPILER =
      CelCompilerFactory.standardCelCompilerBuilder()
          .setOptions(OPTIONS)
          .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
          .setTypeProvider(new Types())
          .addVar("request", REQUEST)
          .addVar("certificate", CERTIFICATE)
          .addVar("node", NODE)
          .build();
  private static final CelRuntime RUNTIME =
      CelRuntimeFactory.legacyCelRuntimeBuilder().setOptions(OPTIONS).build();

  private Rules() {}

  /**
   * Compiles and type-checks one rule.
   *
   * @param name its name
   * @param expression CEL; true lets the request pass
   * @param message what to say where it refuses
   * @param costLimit what one evaluation may cost
   * @return the rule, or what is wrong with the expression
   */
  public static ParseResult<Rule> compile(
      String name, String expression, String message, long costLimit) {
    try {
      CelAbstractSyntaxTree ast = COMPILER.compile(expression).getAst();
      if (!ast.getResultType().equals(SimpleType.BOOL)) {
        return ParseResult.refused(
            "expression", "a result of type " + ast.getResultType().name(), "bool");
      }
      boolean looksAtNode =
          CelNavigableAst.fromAst(ast)
              .getRoot()
              .allNodes()
              .anyMatch(
                  found ->
                      found.getKind() == CelExpr.ExprKind.Kind.IDENT
                          && found.expr().ident().name().equals("node"));
      return ParseResult.parsed(
          new Compiled(name, message, looksAtNode, RUNTIME.createProgram(ast), costLimit));
    } catch (CelValidationException | CelEvaluationException e) {
      return ParseResult.refused(
          "expression", firstLine(e), "a CEL expression over request, certificate and node");
    }
  }

  /** What is wrong; the lines below it draw the place. */
  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static StructType struct(String name, ImmutableMap<String, CelType> fields) {
    return StructType.create(
        name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
  }

  /** The types of the three variables. */
  private static final class Types implements CelTypeProvider {
    private static final ImmutableMap<String, CelType> BY_NAME =
        ImmutableMap.of(
            ADDRESS.name(), ADDRESS,
            REQUEST.name(), REQUEST,
            CERTIFICATE.name(), CERTIFICATE,
            NODE.name(), NODE);

    @Override
    public ImmutableList<CelType> types() {
      return BY_NAME.values().asList();
    }

    @Override
    public Optional<CelType> findType(String typeName) {
      return Optional.ofNullable(BY_NAME.get(typeName));
    }
  }

  private record Compiled(
      String name, String message, boolean looksAtNode, CelRuntime.Program program, long costLimit)
      implements Rule {

    @Override
    public Verdict evaluate(RuleInputs inputs) {
      Map<String, Object> variables = new HashMap<>();
      variables.put("request", request(inputs.csr()));
      variables.put("certificate", certificate(inputs.certificate()));
      inputs.node().ifPresent(node -> variables.put("node", node(node, inputs.csr())));
      Cost cost = new Cost(costLimit);
      try {
        Object result = program.trace(variables, (expression, value) -> cost.add(value));
        return Boolean.TRUE.equals(result)
            ? new Verdict.Passes()
            : Boolean.FALSE.equals(result)
                ? new Verdict.Refuses()
                : new Verdict.Undecided("it yields neither true nor false");
      } catch (CelEvaluationException | TooCostly e) {
        return new Verdict.Undecided(
            cost.isExceeded() ? "it costs more than " + costLimit : firstLine(e));
      }
    }
  }

  /** Counts what one evaluation costs and ends it when it is too much. */
  private static final class Cost {
    private final long limit;
    private long spent;

    Cost(long limit) {
      this.limit = limit;
    }

    void add(Object value) {
      spent += 1 + size(value) / 10;
      if (isExceeded()) {
        throw new TooCostly();
      }
    }

    boolean isExceeded() {
      return spent > limit;
    }

    private static long size(Object value) {
      return switch (value) {
        case CharSequence text -> text.length();
        case Collection<?> elements -> elements.size();
        default -> 0;
      };
    }
  }

  /** Thrown through the evaluator, which offers no other way to end early. */
  private static final class TooCostly extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooCostly() {
      super("too costly", null, false, false);
    }
  }

  private static Map<String, Object> request(CsrSpec csr) {
    return Map.of(
        "name", csr.name(),
        "signer", csr.signer().text(),
        "username", csr.requestor().username(),
        "groups", csr.requestor().groups(),
        "usages", csr.usages(),
        "expirationSeconds", csr.expiration().map(Duration::toSeconds).orElse(0L));
  }

  private static Map<String, Object> certificate(CertificateRequest request) {
    List<String> dnsNames = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    for (SubjectAltName san : request.sans()) {
      switch (san) {
        case SubjectAltName.Dns(String name) -> dnsNames.add(name);
        case SubjectAltName.Ip ip ->
            IpAddress.of(ip.address()).ifPresent(address -> addresses.add(address.toString()));
        case SubjectAltName.Email _, SubjectAltName.Uri _, SubjectAltName.Other _ -> {}
      }
    }
    return Map.of(
        "commonName", String.join(",", request.subject().values(NameAttribute.COMMON_NAME)),
        "organizations", request.subject().values(NameAttribute.ORGANIZATION),
        "dnsNames", dnsNames,
        "ipAddresses", addresses,
        "keyAlgorithm", request.key().algorithm().toString(),
        "keyBits", (long) request.key().bits(),
        "curve", request.key().curve().orElse(""));
  }

  private static Map<String, Object> node(NodeFact node, CsrSpec csr) {
    return Map.of(
        "name", node.name().text(),
        "uid", node.uid(),
        "labels", node.labels(),
        "conditions", node.conditions(),
        "addresses", node.addresses().stream().map(Rules::address).toList(),
        "podRanges", node.podRanges().stream().map(Object::toString).toList(),
        "ageSeconds", Duration.between(node.created(), csr.created()).toSeconds());
  }

  private static Map<String, Object> address(NodeAddress address) {
    return Map.of("type", address.type().text(), "address", address.text());
  }
}
