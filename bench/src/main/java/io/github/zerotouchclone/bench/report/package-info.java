/** What a run says: its figures, the goals, and what to make of both. */
package io.github.zerotouchclone.bench.report;
