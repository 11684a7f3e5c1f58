# Gatepass for PowerShell. The line for $PROFILE:
#   gatepass shell-init powershell | Out-String | Invoke-Expression
# Behind sudo, leave, creds load, creds clear and region, the environment of this shell follows.

# Tells this shell from others, whose stacks of sessions are their own; reading the start file again changes nothing.
if (-not $global:GatepassStack) { $global:GatepassStack = "$PID." + (Get-Random) }

function global:gatepass {
    $words = @($args)
    $verb = if ($words.Count) { [string]$words[0] } else { '' }
    # Help changes nothing that this shell could follow.
    $help = $words -contains '--help' -or $words -contains '-h'
    $id = $null
    if ($verb -in 'sudo', 'assume') {
        $words = @('sudo') + @(Get-GatepassWords ($words | Select-Object -Skip 1) ([ref]$id))
    }
    if ($id) {
        $id | Invoke-Gatepass $words -Typed
    } elseif ($MyInvocation.ExpectingInput) {
        $input | Invoke-Gatepass $words
    } else {
        Invoke-Gatepass $words
    }
    $follows = $verb -in 'sudo', 'assume', 'leave', 'region' -or
        ($verb -eq 'creds' -and $words.Count -gt 1 -and $words[1] -in 'load', 'clear')
    if ($global:LASTEXITCODE -eq 0 -and $follows -and -not $help) {
        $lines = Invoke-Gatepass @('shell-env', 'powershell') | Out-String
        if ($global:LASTEXITCODE -eq 0) { Invoke-Expression $lines }
    }
}

# The command itself.
function global:Invoke-Gatepass([string[]]$Words, [switch]$Typed) {
    $real = Get-Command gatepass -CommandType Application | Select-Object -First 1
    $env:GATEPASS_SHELL = 'powershell'
    $env:GATEPASS_STACK = $global:GatepassStack
    if ($Typed) { $env:GATEPASS_TYPED = '1' }
    try {
        if ($MyInvocation.ExpectingInput) { $input | & $real @Words } else { & $real @Words }
    } finally {
        Remove-Item Env:GATEPASS_SHELL, Env:GATEPASS_STACK, Env:GATEPASS_TYPED -ErrorAction SilentlyContinue
    }
}

# A second word behind sudo is an external ID: it goes through a pipe, where no list of processes shows it.
function global:Get-GatepassWords($Given, [ref]$Id) {
    $value = $false; $rest = $false; $target = $false
    foreach ($word in $Given) {
        if ($value) { $value = $false; $word; continue }
        if (-not $rest -and $word -eq '--') { $rest = $true; $word; continue }
        if (-not $rest -and $word -cin @VALUE_OPTIONS@) { $value = $true; $word; continue }
        if (-not $rest -and "$word".StartsWith('-')) { $word; continue }
        if (-not $target) { $target = $true; $word; continue }
        if (-not $Id.Value) { $Id.Value = $word; continue }
        $word
    }
}
