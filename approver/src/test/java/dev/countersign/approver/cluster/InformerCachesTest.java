package dev.countersign.approver.cluster;

import static dev.countersign.policy.fact.ProtectedSpace.Kind.API_SERVER;
import static dev.countersign.policy.fact.ProtectedSpace.Kind.POD_RANGE;
import static dev.countersign.policy.fact.ProtectedSpace.Kind.SERVICE_ADDRESS;
import static dev.countersign.policy.fact.ProtectedSpace.Kind.SERVICE_NAME;
import static dev.countersign.policy.fact.ProtectedSpace.Kind.SERVICE_RANGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.countersign.approver.server.FakeCluster;
import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.NodeName;
import dev.countersign.kube.ApiClient;
import dev.countersign.kube.watch.Reflector;
import dev.countersign.kube.watch.WatchObserver;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.NodeFact;
import dev.countersign.policy.fact.ProtectedSpace;
import dev.countersign.policy.fact.ServiceRangesUnknown;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InformerCachesTest {
  private static final Reflector.Timing TIMING =
      new Reflector.Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofMillis(5),
          Duration.ofMillis(20));

  private static final String OLD_RANGES = "/apis/networking.k8s.io/v1beta1/servicecidrs";

  @TempDir private Path directory;
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private FakeCluster cluster;
  private ApiClient client;
  private InformerCaches facts;

  @BeforeEach
  void begin() {
    cluster = new FakeCluster(directory);
    client = cluster.server().client();
    facts =
        new InformerCaches(
            client,
            TIMING,
            WatchObserver.NONE,
            new Random(1),
            new InformerCaches.Listener() {
              @Override
              public void nodeChanged(
                  NodeName name, Optional<NodeFact> before, Optional<NodeFact> after) {
                told.add(
                    name.text()
                        + (before.isEmpty() ? " came" : after.isEmpty() ? " went" : " changed"));
              }

              @Override
              public void surroundingsChanged() {
                told.add("surroundings");
              }
            });
  }

  @AfterEach
  void end() throws InterruptedException {
    facts.watches().forEach(Reflector::close);
    client.close();
    cluster.close();
    for (Thread thread : threads) {
      thread.join(Duration.ofSeconds(20));
    }
  }

  private void follow() {
    follow(0);
  }

  /** Fills the caches; as many objects other than Nodes are there already. */
  private void follow(int others) {
    facts.watches().forEach(watch -> threads.add(Thread.ofVirtual().start(watch)));
    FakeCluster.await("every list is complete", facts::complete);
    FakeCluster.await(
        "every list is told of",
        () -> told.stream().filter("surroundings"::equals).count() == 4 + others);
    told.removeIf("surroundings"::equals);
  }

  private String next() throws InterruptedException {
    String what = told.poll(20, TimeUnit.SECONDS);
    return what == null ? "nothing" : what;
  }

  private Optional<NodeFact> node(String name) {
    return facts.node(NodeName.parse(name).orElseThrow())
            instanceof Fact.Known<Optional<NodeFact>>(Optional<NodeFact> known)
        ? known
        : Optional.empty();
  }

  private static IpAddress ip(String text) {
    return IpAddress.parse(text).orElseThrow();
  }

  /** What an address is. */
  private String is(String address) {
    return is(address, facts.protectedSpace());
  }

  private static String is(String address, Fact<ProtectedSpace> fact) {
    return fact instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space)
        ? space
            .protecting(ip(address))
            .map(source -> source.kind() + " " + source.detail())
            .orElse("free")
        : "unknown";
  }

  @Test
  void everything_beforeTheFirstLists_isUnknown() {
    assertThat(facts.complete()).isFalse();
    assertThat(facts.node(NodeName.parse("node-a").orElseThrow()))
        .isEqualTo(Fact.unknown("the list of Nodes is not complete yet"));
    assertThat(facts.protectedSpace())
        .isEqualTo(
            Fact.unknown("the lists of Services, ServiceCIDRs and Nodes are not complete yet"));
  }

  @Test
  void node_cameChangedWent_isReflected() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    follow();
    assertThat(next()).isEqualTo("node-a came");
    assertThat(node("node-a").orElseThrow().ipAddresses()).containsExactly(ip("192.0.2.10"));
    assertThat(facts.nodeCount()).isEqualTo(1);
    assertThat(facts.claims()).containsExactlyInAnyOrder(ip("192.0.2.10"), DnsName.of("node-a"));

    cluster.node("node-a", "u1", "192.0.2.11");
    assertThat(next()).isEqualTo("node-a changed");
    assertThat(node("node-a").orElseThrow().ipAddresses()).containsExactly(ip("192.0.2.11"));
    assertThat(facts.claimants(ip("192.0.2.10"))).isEmpty();
    assertThat(facts.claimants(ip("192.0.2.11")))
        .extracting(claims -> claims.node().name().text())
        .containsExactly("node-a");

    cluster.node("node-b", "u2", "192.0.2.11");
    assertThat(next()).isEqualTo("node-b came");
    assertThat(facts.claimants(ip("192.0.2.11"))).hasSize(2);

    cluster.delete(FakeCluster.NODES, "node-a");
    assertThat(next()).isEqualTo("node-a went");
    assertThat(node("node-a")).isEmpty();
    assertThat(facts.claimants(ip("192.0.2.11")))
        .extracting(claims -> claims.node().name().text())
        .containsExactly("node-b");
    assertThat(facts.nodeFacts()).extracting(NodeFact::uid).containsExactly("u2");
  }

  /** Most updates of a Node are heartbeats; requests need not be looked at again for these. */
  @Test
  void node_changedInNothingThatMatters_isNotTold() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    follow();
    assertThat(next()).isEqualTo("node-a came");
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", "192.0.2.20");
    assertThat(next()).isEqualTo("node-b came");
  }

  @Test
  void node_goneWhileTheWatchWasBroken_goesWithTheNextList() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    cluster.node("node-b", "u2", "192.0.2.20");
    follow();
    assertThat(List.of(next(), next())).containsExactly("node-a came", "node-b came");
    cluster.deleteUnseen(FakeCluster.NODES, "node-a");
    assertThat(next()).isEqualTo("node-a went");
    assertThat(node("node-a")).isEmpty();
    assertThat(node("node-b")).isPresent();
    assertThat(facts.claims()).containsExactlyInAnyOrder(ip("192.0.2.20"), DnsName.of("node-b"));
  }

  @Test
  void node_createdAnewUnderItsName_isAChange() throws Exception {
    cluster.node("node-a", "u1", "192.0.2.10");
    follow();
    assertThat(next()).isEqualTo("node-a came");
    cluster.node("node-a", "u9", "192.0.2.10");
    assertThat(next()).isEqualTo("node-a changed");
    assertThat(node("node-a").orElseThrow().uid()).isEqualTo("u9");
  }

  @Test
  void service_cameChangedWent_isReflected() throws Exception {
    follow();
    assertThat(is("10.3.0.7")).isEqualTo("free");
    cluster.service("web", "10.3.0.7");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("10.3.0.7")).isEqualTo(SERVICE_ADDRESS + " Service default/web");

    cluster.service("web", "10.3.0.8");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("10.3.0.7")).isEqualTo("free");
    assertThat(is("10.3.0.8")).isEqualTo(SERVICE_ADDRESS + " Service default/web");

    cluster.delete(FakeCluster.SERVICES, "web");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("10.3.0.8")).isEqualTo("free");
  }

  /** It becomes headless only by being created anew, which can look like a change. */
  @Test
  void service_headless_protectsTheNamesOfItsPods() throws Exception {
    follow();
    cluster.service("db", "10.3.0.7");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(isName("db-0.db.default")).isEqualTo("free");
    cluster.service("db", "None");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(isName("db-0.db.default")).isEqualTo(SERVICE_NAME + " Service default/db");
  }

  private String isName(String name) {
    return facts.protectedSpace() instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space)
        ? space
            .protecting(DnsName.of(name))
            .map(source -> source.kind() + " " + source.detail())
            .orElse("free")
        : "unknown";
  }

  @Test
  void serviceRange_cameAndWentUnseen_isReflected() throws Exception {
    follow();
    cluster.serviceRange("kubernetes", "10.3.0.0/16");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("10.3.200.9")).isEqualTo(SERVICE_RANGE + " ServiceCIDR kubernetes");
    cluster.deleteUnseen(FakeCluster.RANGES, "kubernetes");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("10.3.200.9")).isEqualTo("free");
  }

  private Optional<String> unknownRanges() {
    return facts.protectedSpace() instanceof Fact.Known<ProtectedSpace>(ProtectedSpace space)
        ? space.serviceRangesUnknown().map(ServiceRangesUnknown::detail)
        : Optional.of("nothing is known");
  }

  /** An API server before 1.33, or one that does not let the approver list them. */
  @ParameterizedTest
  @CsvSource({
    "404, NotFound, the API server has no servicecidrs (404)",
    "403, Forbidden, the API server does not let us list servicecidrs (403)"
  })
  void serviceRanges_thatAreNotToBeHad_areNotKnown_untilTheyAppear(
      int status, String reason, String why) throws Exception {
    cluster.refuse(FakeCluster.RANGES, status, reason);
    cluster.refuse(OLD_RANGES, status, reason);
    follow();
    assertThat(unknownRanges()).contains(why);

    cluster.serviceRange("kubernetes", "10.3.0.0/16");
    cluster.serve(FakeCluster.RANGES);

    FakeCluster.await("the ranges are known", () -> unknownRanges().isEmpty());
    assertThat(is("10.3.200.9")).isEqualTo(SERVICE_RANGE + " ServiceCIDR kubernetes");
    FakeCluster.await("it is told", () -> told.contains("surroundings"));
  }

  /** The API goes away under the approver, as when its server is set back to an older version. */
  @Test
  void serviceRanges_thatDisappear_areNotKnown_butStayProtected() throws Exception {
    cluster.serviceRange("kubernetes", "10.3.0.0/16");
    follow(1);
    assertThat(unknownRanges()).isEmpty();

    cluster.refuse(OLD_RANGES, 404, "NotFound");
    cluster.refuse(FakeCluster.RANGES, 404, "NotFound");

    assertThat(next()).isEqualTo("surroundings");
    assertThat(unknownRanges()).contains("the API server has no servicecidrs (404)");
    assertThat(is("10.3.200.9")).isEqualTo(SERVICE_RANGE + " ServiceCIDR kubernetes");
    cluster.serve(FakeCluster.RANGES);
    assertThat(next()).isEqualTo("surroundings");
    assertThat(unknownRanges()).isEmpty();
  }

  /** 1.31 and 1.32 can serve them in a version of their own. */
  @Test
  void serviceRanges_ofAnOlderVersion_areTaken() {
    cluster.refuse(FakeCluster.RANGES, 404, "NotFound");
    cluster.put(
        OLD_RANGES,
        "kubernetes",
        """
        {"metadata":{"name":"kubernetes","resourceVersion":"@V"},"spec":{"cidrs":["10.3.0.0/16"]}}
        """);
    follow(1);

    assertThat(unknownRanges()).isEmpty();
    assertThat(is("10.3.200.9")).isEqualTo(SERVICE_RANGE + " ServiceCIDR kubernetes");
  }

  @Test
  void serviceRanges_thatLackTheApiServersService_areNotKnown() {
    cluster.service("kubernetes", "10.3.0.1");
    follow(1);
    String widest =
        "; by the address of Service default/kubernetes it is 10.3.0.0/16 at the widest";
    assertThat(unknownRanges()).contains("the API server has no ServiceCIDR objects" + widest);

    cluster.serviceRange("other", "10.9.0.0/16");
    FakeCluster.await(
        "another range",
        () ->
            unknownRanges()
                .equals(
                    Optional.of(
                        "no ServiceCIDR object has 10.3.0.1, which is Service"
                            + " default/kubernetes"
                            + widest)));

    cluster.serviceRange("kubernetes", "10.3.0.0/16");
    FakeCluster.await("the range in use", () -> unknownRanges().isEmpty());
  }

  /** What must be there and is not is waited for: without it nothing is known. */
  @ParameterizedTest
  @ValueSource(strings = {FakeCluster.NODES, FakeCluster.SERVICES, FakeCluster.SLICES})
  void collection_thatMustBeThere_andIsNot_isNotEmpty(String path) throws Exception {
    cluster.refuse(path, 404, "NotFound");
    facts.watches().forEach(watch -> threads.add(Thread.ofVirtual().start(watch)));

    FakeCluster.await("it is asked for again", () -> cluster.seen("GET " + path).size() > 3);
    assertThat(facts.complete()).isFalse();
    assertThat(facts.protectedSpace()).isInstanceOf(Fact.Unknown.class);

    cluster.serve(path);
    FakeCluster.await("it is there", facts::complete);
  }

  @Test
  void apiServer_movedAndWent_isReflected() throws Exception {
    cluster.apiServer("kubernetes", "192.0.2.1");
    follow(1);
    assertThat(is("192.0.2.1")).isEqualTo(API_SERVER + " EndpointSlice default/kubernetes");
    cluster.apiServer("kubernetes", "192.0.2.2");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("192.0.2.1")).isEqualTo("free");
    assertThat(is("192.0.2.2")).isEqualTo(API_SERVER + " EndpointSlice default/kubernetes");
    cluster.delete(FakeCluster.SLICES, "kubernetes");
    assertThat(next()).isEqualTo("surroundings");
    assertThat(is("192.0.2.2")).isEqualTo("free");
  }

  /** 127.0.0.1 is what the certificate of the server in this test is for. */
  @Test
  void protectedSpace_namesOfTheServersCertificate_areTheApiServers() {
    follow();
    assertThat(is("127.0.0.1")).isEqualTo(API_SERVER + " certificate of the API server");
  }

  /** Whoever was refused an address of that range may have it now, and is told. */
  @Test
  void podRange_goneWithItsNode_isFree_andTold() throws Exception {
    cluster.nodeWith("node-a", "u1", "", "\"10.2.0.0/24\"", "192.0.2.10");
    follow();
    assertThat(next()).isEqualTo("node-a came");
    assertThat(is("10.2.0.9")).startsWith(POD_RANGE + " ");
    cluster.delete(FakeCluster.NODES, "node-a");
    assertThat(List.of(next(), next())).containsExactlyInAnyOrder("node-a went", "surroundings");
    assertThat(is("10.2.0.9")).isEqualTo("free");
  }
}
