/** The suites of a run: what is measured, by which process, with which result. */
package io.github.zerotouchclone.bench.suite;
