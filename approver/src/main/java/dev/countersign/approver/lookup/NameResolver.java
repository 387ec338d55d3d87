package dev.countersign.approver.lookup;

import dev.countersign.common.name.DnsName;
import dev.countersign.common.name.DnsSyntax;
import dev.countersign.common.name.IpAddress;
import dev.countersign.common.name.SearchList;
import dev.countersign.policy.fact.Fact;
import dev.countersign.policy.fact.Resolution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.Attributes;
import javax.naming.directory.InitialDirContext;

/**
 * Forward DNS: A and AAAA records, asked of a DNS server without hosts files or a cache of our own,
 * so that "does not exist" and "no answer" stay two things. Thread-safe.
 */
public final class NameResolver {
  private static final String[] TYPES = {"A", "AAAA"};

  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

  private final String servers;
  private final List<DnsName> searchDomains;

  private NameResolver(String servers, List<DnsName> searchDomains) {
    this.servers = servers;
    this.searchDomains = searchDomains;
  }

  /** Asks the servers that the operating system is configured with. */
  public static NameResolver ofSystem() {
    List<DnsName> domains;
    try {
      domains = searchDomains(Files.readString(RESOLV_CONF));
    } catch (IOException e) {
      domains = List.of();
    }
    return new NameResolver("dns:", domains);
  }

  /** Asks one server. */
  public static NameResolver of(String host, int port) {
    return new NameResolver("dns://" + host + ":" + port, List.of());
  }

  /** The search list of a text in the form of resolv.conf(5): of its last line that has one. */
  static List<DnsName> searchDomains(String resolvConf) {
    List<DnsName> domains = List.of();
    for (String line : resolvConf.lines().toList()) {
      String[] words = line.strip().split("\\s+", -1);
      if (words[0].equals("search") || words[0].equals("domain")) {
        domains =
            Arrays.stream(words)
                .skip(1)
                .map(DnsName::of)
                .filter(domain -> DnsSyntax.isHostName(domain.text()))
                .toList();
      }
    }
    return domains;
  }

  /** The domains in which the operating system looks names up. */
  public List<DnsName> searchDomains() {
    return searchDomains;
  }

  /**
   * What the names resolve to; unknown if one of them gets no answer.
   *
   * @param search domains in which they are looked up, too
   * @param timeout for each name, all being asked for at the same time
   */
  public Fact<Map<DnsName, Resolution>> resolve(
      Set<DnsName> names, SearchList search, Duration timeout) {
    Map<DnsName, Resolution> answers = new HashMap<>();
    ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    try {
      Map<DnsName, Future<Resolution>> asked = new LinkedHashMap<>();
      names.forEach(name -> asked.put(name, executor.submit(() -> ask(name, search, timeout))));
      long until = System.nanoTime() + timeout.toNanos();
      for (Map.Entry<DnsName, Future<Resolution>> entry : asked.entrySet()) {
        long left = Math.max(0, until - System.nanoTime());
        answers.put(entry.getKey(), entry.getValue().get(left, TimeUnit.NANOSECONDS));
      }
      return Fact.known(answers);
    } catch (TimeoutException e) {
      return Fact.unknown("DNS: no answer within " + timeout.toMillis() + " ms");
    } catch (ExecutionException e) {
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      return Fact.unknown("DNS: " + cause.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Fact.unknown("DNS: interrupted");
    } finally {
      executor.shutdownNow();
    }
  }

  private Resolution ask(DnsName name, SearchList search, Duration timeout) throws NamingException {
    for (DnsName candidate : search.candidates(name)) {
      if (ask(candidate, timeout) instanceof Resolution.Addresses found) {
        return found;
      }
    }
    return new Resolution.None();
  }

  // The ban is for providers that answer with Java objects; the one for DNS answers with text. A
  // Hashtable is what JNDI takes.
  @SuppressWarnings({"BanJNDI", "JdkObsolete"})
  private Resolution ask(DnsName name, Duration timeout) throws NamingException {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
    environment.put(Context.PROVIDER_URL, servers);
    // One try and two repeats, each waiting twice as long as the one before, fit into the limit.
    environment.put(
        "com.sun.jndi.dns.timeout.initial", Long.toString(Math.max(1, timeout.toMillis() / 7)));
    environment.put("com.sun.jndi.dns.timeout.retries", "3");
    InitialDirContext context = new InitialDirContext(environment);
    try {
      Set<IpAddress> found = new HashSet<>();
      for (String type : TYPES) {
        // One type at a time: the provider asks for ANY where there are several.
        Attributes attributes = context.getAttributes(name.text() + ".", new String[] {type});
        Attribute attribute = attributes.get(type);
        if (attribute != null) {
          NamingEnumeration<?> values = attribute.getAll();
          while (values.hasMore()) {
            IpAddress.parse(String.valueOf(values.next())).ifPresent(found::add);
          }
        }
      }
      return found.isEmpty() ? new Resolution.None() : new Resolution.Addresses(found);
    } catch (NameNotFoundException e) {
      return new Resolution.None();
    } finally {
      context.close();
    }
  }
}
