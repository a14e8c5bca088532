#include "control.h"

#define C PD_CELL_CAUGHT
#define b PD_CELL_BLIND
#define o PD_CELL_NO_EFFECT
#define ROW(tier, mapping, control, ...)                                                           \
  [PD_TIER_##tier][PD_##mapping][PD_##control] = {__VA_ARGS__},

static const enum pd_cell TABLE[PD_TIERS][PD_MAPPING_KINDS][PD_CONTROLS][PD_VMFLAGS] = {
#include "expected.def"
};

#undef ROW
#undef C
#undef b
#undef o

enum pd_cell pd_expected(enum pd_tier tier, enum pd_mapping_kind mapping,
                         enum pd_control_id control, enum pd_witness_id witness) {
  return TABLE[tier][mapping][control][witness];
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

const char *pd_tier_name(enum pd_tier tier) {
  static const char *const names[PD_TIERS] = {[PD_TIER_FORK] = "forked worker"};
  return names[tier];
}

const char *pd_cell_name(enum pd_cell cell) {
  static const char *const names[] = {
      [PD_CELL_BLIND] = "blind",         [PD_CELL_CAUGHT] = "caught",
      [PD_CELL_NO_EFFECT] = "no effect", [PD_CELL_UNAVAILABLE] = "unavailable",
      [PD_CELL_WRONG] = "wrong",
  };
  return names[cell];
}
