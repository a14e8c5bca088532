/**
 * What a user would take instead, on the same records: each peer in its best documented
 * configuration, behind one interface.
 */
package io.github.zerotouchclone.bench.peers;
