# All commands of the project. `make help` describes them.
XTASK = cargo run --quiet --package xtask --
COMMANDS = help run dev setup build size clean test fmt lint sqlx-check unit it api-lint api-fuzz e2e sqlx psql timings hostile lighthouse bench

.DEFAULT_GOAL = help
.PHONY: $(COMMANDS)

# For example: make it ARGS=invitations, make e2e ARGS="--grep sign-in", make build ARGS=--release
$(COMMANDS):
	@$(XTASK) $@ $(ARGS)
