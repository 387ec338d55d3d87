/** Tests of reports. */
@NullMarked
package dev.countersign.cluster.report;

import org.jspecify.annotations.NullMarked;
