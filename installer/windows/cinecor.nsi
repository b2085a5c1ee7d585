; The Windows installer. compile.py runs makensis with these defined:
;   VERSION (0.1.0), NUMBERS (of it, four, by which versions are compared), LICENCE (text to show), PAYLOAD (folder with cinecor.exe and _internal), OUT (the installer to write),
;   TARGET (x86-unicode, as NSIS for Windows has it, or amd64-unicode), VCREDIST (optional: vc_redist.x64.exe)
;
; Silent: Cinecor-0.1.0-setup.exe /S [/CurrentUser | /AllUsers] [/Desktop] [/D=C:\Folder]
; Exit codes: 0 installed, 1 cancelled, 2 files could not be written, 3 a newer version is installed, 4 Cinecor is running,
;             5 the version before could not be removed, 6 the folder holds other things

Unicode true
Target ${TARGET}
SetCompressor /SOLID lzma
ManifestDPIAware true
Name "Cinecor"
BrandingText "Cinecor ${VERSION}"
OutFile "${OUT}"

!define NEWER_INSTALLED 3
!define RUNNING 4
!define NOT_REMOVED 5
!define FOREIGN_FOLDER 6
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Cinecor"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_USE_PROGRAMFILES64
!define MULTIUSER_INSTALLMODE_INSTDIR "Cinecor"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL_KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"

!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include WordFunc.nsh
!include Integration.nsh

!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\cinecor.exe"
!define MUI_FINISHPAGE_TEXT "$(FINISHED)"
!define MUI_UNFINISHPAGE_NOAUTOCLOSE

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!define MULTIUSER_PAGE_CUSTOMFUNCTION_LEAVE RefuseDowngrade
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_COMPONENTS
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE RefuseForeignFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "French"

LangString PROGRAM ${LANG_ENGLISH} "Cinecor"
LangString PROGRAM ${LANG_FRENCH} "Cinecor"
LangString ON_DESKTOP ${LANG_ENGLISH} "Shortcut on the desktop"
LangString ON_DESKTOP ${LANG_FRENCH} "Raccourci sur le bureau"
LangString OPEN_WITH ${LANG_ENGLISH} "Open with Cinecor"
LangString OPEN_WITH ${LANG_FRENCH} "Ouvrir avec Cinecor"
LangString FINISHED ${LANG_ENGLISH} "Cinecor ${VERSION} is installed. Research use only. Not for diagnosis."
LangString FINISHED ${LANG_FRENCH} "Cinecor ${VERSION} est installé. Pour la recherche uniquement, pas pour le diagnostic."
LangString FOR_ALL ${LANG_ENGLISH} "for all users"
LangString FOR_ALL ${LANG_FRENCH} "pour tous les utilisateurs"
LangString FOR_ONE ${LANG_ENGLISH} "for this user"
LangString FOR_ONE ${LANG_FRENCH} "pour cet utilisateur"
LangString BESIDE ${LANG_ENGLISH} "Cinecor $0 is also installed $6; that one stays: uninstall it unless you want two."
LangString BESIDE ${LANG_FRENCH} "Cinecor $0 est aussi installé $6 et y reste ; désinstallez-le, à moins d’en vouloir deux."
LangString FOREIGN ${LANG_ENGLISH} "$INSTDIR holds other things than Cinecor; choose an empty or a new folder."
LangString FOREIGN ${LANG_FRENCH} "$INSTDIR contient autre chose que Cinecor ; choisissez un dossier vide ou nouveau."
LangString NEWER ${LANG_ENGLISH} "Cinecor $0 is installed $6 and newer than ${VERSION}; uninstall it first if you want the older one."
LangString NEWER ${LANG_FRENCH} "Cinecor $0, plus récent que ${VERSION}, est installé $6 ; désinstallez-le d’abord pour revenir à l’ancien."
LangString IS_RUNNING ${LANG_ENGLISH} "Cinecor is running; close it and start again."
LangString IS_RUNNING ${LANG_FRENCH} "Cinecor est ouvert ; fermez-le et recommencez."
LangString OLD_STAYS ${LANG_ENGLISH} "The version before could not be removed from $3; uninstall it, then start again."
LangString OLD_STAYS ${LANG_FRENCH} "La version précédente n’a pas pu être retirée de $3 ; désinstallez-la, puis recommencez."
LangString DATA_STAYS ${LANG_ENGLISH} "Cinecor is removed. Settings and installed models stay in %LOCALAPPDATA%\cinecor of each user."
LangString DATA_STAYS ${LANG_FRENCH} "Cinecor est désinstallé. Les réglages et les modèles installés restent dans %LOCALAPPDATA%\cinecor de chaque utilisateur."

; Say something: in a window, or in silent mode on the console that started this.
!macro TELL TEXT ICON
    ${If} ${Silent}
        System::Call 'kernel32::AttachConsole(i -1)'
        System::Call 'kernel32::GetStdHandle(i -11) p .r9'
        FileWrite $9 "${TEXT}$\r$\n"
    ${Else}
        MessageBox MB_OK|${ICON} "${TEXT}"
    ${EndIf}
!macroend
!define Tell "!insertmacro TELL"

; Of all users and of this one: which of them `cinecor` starts is Windows' choice, so neither may be newer.
!macro COMPARE_INSTALLED ROOT MODE WHOSE
    ReadRegStr $0 ${ROOT} "${UNINSTALL_KEY}" "DisplayVersion"
    ReadRegStr $5 ${ROOT} "${UNINSTALL_KEY}" "Numbers"
    ${If} $0 != ""
        StrCpy $6 "${WHOSE}"
        ${VersionCompare} "$5" "${NUMBERS}" $1
        ${If} $1 = 1
            ${Tell} "$(NEWER)" MB_ICONSTOP
            SetErrorLevel ${NEWER_INSTALLED}
            Quit
        ${ElseIf} $MultiUser.InstallMode != ${MODE}
            ${Tell} "$(BESIDE)" MB_ICONINFORMATION
        ${EndIf}
    ${EndIf}
!macroend

Function RefuseDowngrade
    !insertmacro COMPARE_INSTALLED HKLM AllUsers "$(FOR_ALL)"
    !insertmacro COMPARE_INSTALLED HKCU CurrentUser "$(FOR_ONE)"
FunctionEnd

; What is removed later goes with all that is in it, so that nothing may have been there before.
Function RefuseForeignFolder
    ReadRegStr $3 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
    ${DirState} "$INSTDIR" $5
    ${If} $5 = 1
    ${AndIf} $3 != $INSTDIR
    ${AndIfNot} ${FileExists} "$INSTDIR\cinecor.exe"
        ${Tell} "$(FOREIGN)" MB_ICONSTOP
        ${IfNot} ${Silent}
            Abort ; the page stays
        ${EndIf}
        SetErrorLevel ${FOREIGN_FOLDER}
        Quit
    ${EndIf}
FunctionEnd

; A program that runs cannot be opened for writing.
!macro REFUSE_RUNNING_PROGRAM NAME
    ${If} ${FileExists} "$INSTDIR\${NAME}"
        ClearErrors
        FileOpen $0 "$INSTDIR\${NAME}" a
        ${If} ${Errors}
            ${Tell} "$(IS_RUNNING)" MB_ICONSTOP
            SetErrorLevel ${RUNNING}
            Quit
        ${EndIf}
        FileClose $0
    ${EndIf}
!macroend
!macro REFUSE_RUNNING
    !insertmacro REFUSE_RUNNING_PROGRAM "cinecor.exe"
    !insertmacro REFUSE_RUNNING_PROGRAM "cinecor-cli.exe"
!macroend

!define desktop 1 ; the number of the second section, which the first one may select

Section "$(PROGRAM)" program
    SectionIn RO
    !insertmacro REFUSE_RUNNING
    ReadRegStr $3 SHCTX "${UNINSTALL_KEY}" "InstallLocation"
    ${If} ${FileExists} "$3\uninstall.exe" ; the version before knows best what it installed
        ${If} ${FileExists} "$DESKTOP\Cinecor.lnk"
            !insertmacro SelectSection ${desktop}
        ${EndIf}
        ExecWait '"$3\uninstall.exe" /S /Upgrade /$MultiUser.InstallMode _?=$3' $0
        ${If} $0 <> 0
            ${Tell} "$(OLD_STAYS)" MB_ICONSTOP
            SetErrorLevel ${NOT_REMOVED}
            Quit
        ${EndIf}
        Delete "$3\uninstall.exe"
        RMDir "$3"
    ${EndIf}

    WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR" ; first: what is half written is Cinecor's
    SetOutPath "$INSTDIR"
    ClearErrors
    File /r "${PAYLOAD}/*"
    WriteUninstaller "$INSTDIR\uninstall.exe"
    ${If} ${Errors}
        SetErrorLevel 2
        Abort
    ${EndIf}

!ifdef VCREDIST ; only where the payload lacks the runtime beside the program
    ReadRegDWORD $0 HKLM "SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64" "Installed"
    ${If} $0 <> 1
        File "/oname=$PLUGINSDIR\vc_redist.x64.exe" "${VCREDIST}"
        ExecWait '"$PLUGINSDIR\vc_redist.x64.exe" /install /quiet /norestart'
    ${EndIf}
!endif

    CreateShortcut "$SMPROGRAMS\Cinecor.lnk" "$INSTDIR\cinecor.exe"
    WriteRegStr SHCTX "Software\Classes\Directory\shell\Cinecor" "" "$(OPEN_WITH)"
    WriteRegStr SHCTX "Software\Classes\Directory\shell\Cinecor" "Icon" "$INSTDIR\cinecor.exe"
    WriteRegStr SHCTX "Software\Classes\Directory\shell\Cinecor\command" "" '"$INSTDIR\cinecor.exe" open "%1"'
    WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\cinecor.exe" "" "$INSTDIR\cinecor.exe"
    ${NotifyShell_AssocChanged}

    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "Cinecor"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "Numbers" "${NUMBERS}"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\cinecor.exe"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Cinecor contributors"
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
    WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S /$MultiUser.InstallMode'
    ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" $0
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
    WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
SectionEnd

Section /o "$(ON_DESKTOP)"
    CreateShortcut "$DESKTOP\Cinecor.lnk" "$INSTDIR\cinecor.exe"
SectionEnd

Function .onInit
    SetRegView 64
    StrCpy $4 $INSTDIR ; of /D; else empty
    !insertmacro MULTIUSER_INIT
    ${If} $4 != ""
        StrCpy $INSTDIR $4
    ${EndIf}
    ${If} ${Silent}
        Call RefuseDowngrade
        Call RefuseForeignFolder
    ${Else}
        !insertmacro MUI_LANGDLL_DISPLAY
    ${EndIf}
    ${GetParameters} $1
    ClearErrors
    ${GetOptions} $1 "/Desktop" $2
    ${IfNot} ${Errors}
        !insertmacro SelectSection ${desktop}
    ${EndIf}
FunctionEnd

Function un.onInit
    SetRegView 64
    !insertmacro MULTIUSER_UNINIT
    !insertmacro MUI_UNGETLANGUAGE
FunctionEnd

Section "Uninstall"
    !insertmacro REFUSE_RUNNING
    !include "${PROGRAM_FILES}" ; what this version installed, and nothing else
    Delete "$INSTDIR\uninstall.exe"
    RMDir "$INSTDIR"
    Delete "$SMPROGRAMS\Cinecor.lnk"
    Delete "$DESKTOP\Cinecor.lnk"
    DeleteRegKey SHCTX "Software\Classes\Directory\shell\Cinecor"
    DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\cinecor.exe"
    DeleteRegKey SHCTX "${UNINSTALL_KEY}"
    ${NotifyShell_AssocChanged}
    ${GetParameters} $1
    ClearErrors
    ${GetOptions} $1 "/Upgrade" $2
    ${If} ${Errors}
        ${Tell} "$(DATA_STAYS)" MB_ICONINFORMATION
    ${EndIf}
SectionEnd
