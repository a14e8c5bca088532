package io.github.zerotouchclone.bench.peers;

import io.github.zerotouchclone.bench.data.MailJob;
import io.github.zerotouchclone.bench.data.MailJobBean;
import io.github.zerotouchclone.bench.data.MailJobs;
import java.util.LinkedHashMap;

/** What a peer stores and gives back. */
public enum Form {
  /** {@code LinkedHashMap} and {@code ArrayList}, mutable. */
  TREE(LinkedHashMap.class) {
    @Override
    Object of(MailJobs jobs, long index) {
      return jobs.record(index);
    }
  },
  /** A Java record. */
  RECORD(MailJob.class) {
    @Override
    Object of(MailJobs jobs, long index) {
      return jobs.job(index);
    }
  },
  /** A bean with getters and setters. */
  BEAN(MailJobBean.class) {
    @Override
    Object of(MailJobs jobs, long index) {
      return MailJobBean.of(jobs.job(index));
    }
  };

  private final Class<?> type;

  Form(Class<?> type) {
    this.type = type;
  }

  /** The class of the values. */
  Class<?> type() {
    return type;
  }

  /** Makes the value of a record. */
  abstract Object of(MailJobs jobs, long index);

  /** The name in files and identifiers. */
  String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
