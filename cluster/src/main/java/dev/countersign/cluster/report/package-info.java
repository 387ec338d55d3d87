/**
 * Reports that people look at: what is known of a cluster's node identities, or of one request, as
 * one HTML page.
 *
 * <p>{@link dev.countersign.cluster.report.ClusterReport} is what was found; {@link
 * dev.countersign.cluster.report.ClusterPage} and {@link
 * dev.countersign.cluster.report.RequestPage} lay it out as a {@link
 * dev.countersign.cluster.report.Page}; {@link dev.countersign.cluster.report.HtmlPage} writes
 * that. Nothing here does I/O.
 *
 * <p><b>Threat.</b> Names, addresses and messages that whoever holds a node or may create a request
 * chose, in the browser of an operator.
 *
 * <p><b>Refuses.</b> To put any of it into markup or script: all of it is data that the page's own
 * script shows as text. The page forbids itself every other script and style, and every request.
 */
@NullMarked
package dev.countersign.cluster.report;

import org.jspecify.annotations.NullMarked;
