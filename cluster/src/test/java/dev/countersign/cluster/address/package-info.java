/** Tests of what operators do to the records of addresses. */
@NullMarked
package dev.countersign.cluster.address;

import org.jspecify.annotations.NullMarked;
