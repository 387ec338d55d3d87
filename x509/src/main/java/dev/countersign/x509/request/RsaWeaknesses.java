package dev.countersign.x509.request;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What is wrong with an RSA public key whatever its size; about 50 µs for 2048 bits. */
final class RsaWeaknesses {
  private static final BigInteger F4 = BigInteger.valueOf(65537);
  private static final BigInteger MAX_GO_EXPONENT = BigInteger.valueOf(Integer.MAX_VALUE);
  private static final int PRIMES_BELOW = 1024;
  private static final int LAST_ROCA_PRIME = 167;
  private static final int FERMAT_ROUNDS = 16;

  /** The primes below 1024 in groups whose product fits 31 bits. */
  private static final List<PrimeGroup> GROUPS = groups();

  private record PrimeGroup(long product, List<RocaPrime> primes) {}

  /** A prime and the residues that powers of 65537 leave; primes above 167 have none. */
  private record RocaPrime(int prime, BitSet powersOf65537) {
    boolean bearsFingerprint(int residue) {
      return powersOf65537.isEmpty() || powersOf65537.get(residue);
    }
  }

  private RsaWeaknesses() {}

  static Set<KeyWeakness> of(BigInteger modulus, BigInteger exponent) {
    EnumSet<KeyWeakness> weaknesses = EnumSet.noneOf(KeyWeakness.class);
    if (!exponent.testBit(0)
        || exponent.equals(BigInteger.ONE)
        || exponent.compareTo(modulus) >= 0) {
      weaknesses.add(KeyWeakness.RSA_EXPONENT_UNUSABLE);
    } else if (exponent.compareTo(F4) < 0) {
      weaknesses.add(KeyWeakness.RSA_EXPONENT_SMALL);
    }
    if (exponent.compareTo(MAX_GO_EXPONENT) > 0) {
      weaknesses.add(KeyWeakness.RSA_EXPONENT_LARGE);
    }
    checkResidues(modulus, weaknesses);
    if (modulus.testBit(0) && hasClosePrimes(modulus)) {
      weaknesses.add(KeyWeakness.RSA_CLOSE_PRIMES);
    }
    return weaknesses;
  }

  /**
   * Small factors, and the fingerprint of Nemec et al., "The Return of Coppersmith's Attack"
   * (2017): the modulus is a power of 65537 modulo every small prime.
   */
  private static void checkResidues(BigInteger modulus, Set<KeyWeakness> weaknesses) {
    byte[] octets = modulus.toByteArray();
    boolean roca = true;
    for (PrimeGroup group : GROUPS) {
      long remainder = 0;
      for (byte octet : octets) {
        remainder = ((remainder << 8) | (octet & 0xff)) % group.product;
      }
      for (RocaPrime prime : group.primes) {
        int residue = (int) (remainder % prime.prime);
        if (residue == 0) {
          weaknesses.add(KeyWeakness.RSA_SMALL_FACTOR);
        }
        roca &= prime.bearsFingerprint(residue);
      }
    }
    if (roca) {
      weaknesses.add(KeyWeakness.RSA_ROCA);
    }
  }

  /** Fermat's method, a few rounds (CVE-2022-26320): n = a² - b² with a just above its root. */
  private static boolean hasClosePrimes(BigInteger modulus) {
    BigInteger[] root = modulus.sqrtAndRemainder();
    if (root[1].signum() == 0) {
      return true;
    }
    BigInteger a = root[0].add(BigInteger.ONE);
    BigInteger difference = a.multiply(a).subtract(modulus);
    for (int round = 0; round < FERMAT_ROUNDS; round++) {
      // Squares end in 0, 1, 4 or 9 in hexadecimal, which spares most of the roots.
      int low = difference.intValue() & 0xf;
      if ((low == 0 || low == 1 || low == 4 || low == 9)
          && difference.sqrtAndRemainder()[1].signum() == 0) {
        return true;
      }
      difference = difference.add(a.shiftLeft(1)).add(BigInteger.ONE);
      a = a.add(BigInteger.ONE);
    }
    return false;
  }

  private static List<PrimeGroup> groups() {
    BitSet composite = new BitSet(PRIMES_BELOW);
    List<PrimeGroup> groups = new ArrayList<>();
    long product = 1;
    List<RocaPrime> primes = new ArrayList<>();
    for (int n = 2; n < PRIMES_BELOW; n++) {
      if (composite.get(n)) {
        continue;
      }
      for (int multiple = n * n; multiple < PRIMES_BELOW; multiple += n) {
        composite.set(multiple);
      }
      if (product * n > Integer.MAX_VALUE) {
        groups.add(new PrimeGroup(product, List.copyOf(primes)));
        product = 1;
        primes = new ArrayList<>();
      }
      product *= n;
      primes.add(new RocaPrime(n, n <= LAST_ROCA_PRIME ? powersOf65537(n) : new BitSet()));
    }
    groups.add(new PrimeGroup(product, List.copyOf(primes)));
    return List.copyOf(groups);
  }

  private static BitSet powersOf65537(int prime) {
    BitSet powers = new BitSet(prime);
    int power = 1 % prime;
    while (!powers.get(power)) {
      powers.set(power);
      power = (int) ((long) power * 65537 % prime);
    }
    return powers;
  }
}
