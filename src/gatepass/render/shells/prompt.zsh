
# The prompt: whose account this is, in front of your own; nothing is run while you are in none.
_gatepass_segment="" _gatepass_shown=""
function _gatepass_prompt {
  local shown=""
  _gatepass_segment=""
  if [[ -n "${GATEPASS_ROLE-}" ]]; then
    _gatepass_segment="$(_gatepass_run prompt --shell zsh 2>/dev/null)" || _gatepass_segment=""
    _gatepass_segment="${_gatepass_segment:+$_gatepass_segment }"
  fi
  # As a variable where zsh expands variables in prompts: then nothing in it is expanded again.
  if [[ -o prompt_subst ]]; then shown='${_gatepass_segment-}'; else shown="$_gatepass_segment"; fi
  # Yours is what is behind what was put in front the last time.
  PROMPT="$shown${PROMPT#"$_gatepass_shown"}"
  _gatepass_shown="$shown"
}
autoload -Uz add-zsh-hook && add-zsh-hook precmd _gatepass_prompt
