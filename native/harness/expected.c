#include <string.h>

#include "control.h"

#define C PD_CELL_CAUGHT
#define b PD_CELL_BLIND
#define o PD_CELL_NO_EFFECT
#define u PD_CELL_UNAVAILABLE
#define ROW(tier, mapping, control, ...)                                                           \
  [PD_TIER_##tier][PD_##mapping][PD_##control] = {__VA_ARGS__},
#define INHERITED(...)

static const enum pd_cell TABLE[PD_TIERS][PD_MAPPING_KINDS][PD_CONTROLS][PD_VMFLAGS] = {
#include "expected.def"
};

#undef ROW
#undef INHERITED
#define ROW(...)
#define INHERITED(kind, control, ...) [PD_INHERITED_##kind][PD_##control] = {__VA_ARGS__},

static const enum pd_cell OF_INHERITED[PD_INHERITED_KINDS][PD_CONTROLS][PD_INHERIT_ANSWERS] = {
#include "expected.def"
};

#undef ROW
#undef INHERITED
#undef C
#undef b
#undef o
#undef u

enum pd_cell pd_expected(enum pd_tier tier, enum pd_mapping_kind mapping,
                         enum pd_control_id control, enum pd_witness_id witness) {
  return TABLE[tier][mapping][control][witness];
}

enum pd_cell pd_expected_inherited(enum pd_inherited_kind kind, enum pd_control_id control,
                                   enum pd_inherit_answer answer) {
  return OF_INHERITED[kind][control][answer];
}

bool pd_claims(enum pd_tier tier, enum pd_mapping_kind mapping, enum pd_witness_id witness) {
  if (witness >= PD_VMFLAGS)
    return false;
  for (int i = 0; i < PD_CONTROLS; i++) {
    if (TABLE[tier][mapping][i][witness] == PD_CELL_CAUGHT)
      return true;
  }
  return false;
}

static const struct {
  const char *name;
  const char *title;
} TIERS[PD_TIERS] = {
    [PD_TIER_FORK] = {"fork", "forked workers"},
    [PD_TIER_JVM] = {"jvm", "forked workers that created a JVM"},
    [PD_TIER_JAVA] = {"java", "java processes of their own"},
};

const char *pd_tier_name(enum pd_tier tier) {
  return TIERS[tier].name;
}

const char *pd_tier_title(enum pd_tier tier) {
  return TIERS[tier].title;
}

bool pd_tier_parse(const char *name, enum pd_tier *tier) {
  for (int i = 0; i < PD_TIERS; i++) {
    if (strcmp(name, TIERS[i].name) == 0) {
      *tier = (enum pd_tier)i;
      return true;
    }
  }
  return false;
}

bool pd_tier_has(enum pd_tier tier, enum pd_mapping_kind mapping) {
  return tier != PD_TIER_JAVA || mapping != PD_ANON;
}

const char *pd_cell_name(enum pd_cell cell) {
  static const char *const names[] = {
      [PD_CELL_BLIND] = "blind",         [PD_CELL_CAUGHT] = "caught",
      [PD_CELL_NO_EFFECT] = "no effect", [PD_CELL_UNAVAILABLE] = "unavailable",
      [PD_CELL_WRONG] = "wrong",
  };
  return names[cell];
}
