# frozen_string_literal: true

# Deterministic jobs of a mailing, about 400 bytes each.
module Mail
  LANGUAGES = %w[en de fr es pt ja].freeze
  TOPICS = %w[promo order invoice digest alert news welcome survey].freeze
  BODY = "Dear customer %07d, your order %07d of item %05d left our warehouse today. We hope that you like it; " \
         "please write to us at any time if something is wrong, and quote the reference R%07d."

  def self.job(index)
    order = index * 7 % 9_999_991
    {
      id: index, to: "user#{index}@mail.example", name: "Customer Number #{index}",
      subject: "Order #{order} is on its way", body: format(BODY, index, order, index * 13 % 99_991, index),
      tags: ["#{TOPICS[index % 8]}-#{index % 100}", "batch-#{index % 1000}", "seg-#{index % 17}"],
      prefs: {html: index & 1, lang: LANGUAGES[index % 6], score: index % 101}, created: 1_330_000_000 + index
    }
  end
end
