package dev.countersign.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BytesTest {
  @Test
  void copyOf_arrayChangedAfterwards_staysTheSame() {
    byte[] array = {1, 2, 3};
    Bytes bytes = Bytes.copyOf(array);
    array[0] = 9;
    bytes.toByteArray()[1] = 9;
    assertThat(bytes.toHex()).isEqualTo("010203");
  }

  @Test
  void equals_sameContent_isEqual() {
    assertThat(Bytes.fromHex("00ff")).isEqualTo(Bytes.copyOf(new byte[] {0, -1}));
    assertThat(Bytes.fromHex("00ff")).hasSameHashCodeAs(Bytes.copyOf(new byte[] {0, -1}));
    assertThat(Bytes.fromHex("00ff")).isNotEqualTo(Bytes.fromHex("00fe"));
    assertThat(Bytes.fromHex("00ff").hashCode()).isNotEqualTo(Bytes.fromHex("00fe").hashCode());
  }

  @Test
  void at_highByte_isUnsigned() {
    assertThat(Bytes.fromHex("80").at(0)).isEqualTo(128);
  }

  @Test
  void slice_bounds_areHalfOpen() {
    Bytes bytes = Bytes.fromHex("00010203");
    assertThat(bytes.slice(1, 3)).isEqualTo(Bytes.fromHex("0102"));
    assertThat(bytes.slice(0, 4)).isSameAs(bytes);
    assertThat(bytes.slice(0, 3)).isEqualTo(Bytes.fromHex("000102"));
    assertThat(bytes.slice(2, 2)).isEqualTo(Bytes.empty());
    assertThat(bytes.slice(4, 4).isEmpty()).isTrue();
  }

  @Test
  void slice_outside_isRefused() {
    Bytes bytes = Bytes.fromHex("00010203");
    assertThatThrownBy(() -> bytes.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.slice(0, 5)).hasMessageContaining("of 4");
    assertThatThrownBy(() -> bytes.slice(3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void compareTo_highBytes_areUnsignedAndPrefixesFirst() {
    assertThat(Bytes.fromHex("7f")).isLessThan(Bytes.fromHex("80"));
    assertThat(Bytes.fromHex("01")).isLessThan(Bytes.fromHex("0100"));
    assertThat(Bytes.fromHex("01")).isEqualByComparingTo(Bytes.fromHex("01"));
  }

  @Test
  void toString_longContent_isCut() {
    assertThat(Bytes.copyOf(new byte[32])).hasToString("00".repeat(32));
    assertThat(Bytes.copyOf(new byte[33])).hasToString("00".repeat(32) + "… (33 bytes)");
  }

  @Test
  void size_counts_bytes() {
    assertThat(Bytes.ofUtf8("é").size()).isEqualTo(2);
    assertThat(Bytes.copyOf(new byte[0])).isSameAs(Bytes.empty());
    assertThat(Bytes.fromHex("01").isEmpty()).isFalse();
    assertThat(Bytes.copyOfRange(new byte[] {1, 2, 3}, 1, 2).toHex()).isEqualTo("02");
  }

  /** The first example of FIPS 180-4. */
  @Test
  void sha256_ofAbc() {
    assertThat(Bytes.ofUtf8("abc").sha256().toHex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }
}
