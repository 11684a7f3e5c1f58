
# The prompt: whose account this is, in front of your own; nothing is run while you are in none.
function _gatepass_prompt {
  local begin=$'\001' end=$'\002'
  _gatepass_segment=""
  if [ -n "${GATEPASS_ROLE-}" ]; then
    _gatepass_segment="$(_gatepass_run prompt --shell bash 2>/dev/null)" || _gatepass_segment=""
    # bash reads \[ and \] only in PS1 itself, and readline their meaning anywhere.
    _gatepass_segment="${_gatepass_segment//\\\[/$begin}"
    _gatepass_segment="${_gatepass_segment//\\\]/$end}"
    _gatepass_segment="${_gatepass_segment:+$_gatepass_segment }"
  fi
  # As a variable: nothing in it is expanded again. In front again where something else sets PS1 anew each time.
  case "${PS1-}" in
    '${_gatepass_segment-}'*) ;;
    *) PS1='${_gatepass_segment-}'"${PS1-}" ;;
  esac
}
case "$(declare -p PROMPT_COMMAND 2>/dev/null)" in
  *_gatepass_prompt*) ;;
  "declare -a"*) PROMPT_COMMAND+=(_gatepass_prompt) ;;
  *) PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND
}_gatepass_prompt" ;;
esac
